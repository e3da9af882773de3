import Config
import Linux
import Net

/// Reading a configuration as only the keeper may: files, users and programs are looked up here,
/// in a process that lives no longer than that.
struct ConfigurationReading {
    let options: Options

    struct Outcome {
        var result: ParseResult
        var archive: Archive
    }

    /// Nil: the main file cannot be read.
    func read() throws(SystemError) -> Outcome {
        let text = try Files.read(options.file)
        var archive = Archive(main: SourceFile(path: options.file, text: text))
        let result = parse(archive.main, options: options.parseOptions) { pattern, directory in
            let files = ConfigurationReading.files(pattern, directory)
            archive.includes.append(
                Archive.Include(pattern: pattern, directory: directory, files: files))
            return files
        }
        return Outcome(result: result, archive: archive)
    }

    private static func files(_ pattern: ByteString, _ directory: ByteString) -> [SourceFile] {
        var files: [SourceFile] = []
        for path in Files.glob(pattern, in: directory) {
            do throws(SystemError) {
                files.append(SourceFile(path: path, text: try Files.read(path)))
            } catch {
                continue
            }
        }
        return files
    }
}
