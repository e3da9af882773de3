import Config
import Linux
import Net

/// Reading a configuration as only the keeper may: files, users and programs are looked up here.
struct ConfigurationReading {
    let options: Options

    struct Outcome {
        var result: ParseResult
        var archive: Archive
    }

    /// Throws where the main file cannot be read.
    func read() throws(SystemError) -> Outcome {
        let text = try Files.read(options.file)
        var includes: [Archive.Include] = []
        let main = SourceFile(path: options.file, text: text)
        let result = parse(main, options: options.parseOptions) { pattern, directory in
            let files = ConfigurationReading.files(pattern, directory)
            includes.append(
                Archive.Include(pattern: pattern, directory: directory, files: files))
            return files
        }
        return Outcome(result: result, archive: Archive(main: main, includes: includes))
    }

    private static func files(_ pattern: ByteString, _ directory: ByteString) -> [SourceFile] {
        var files: [SourceFile] = []
        for path in Files.glob(pattern, in: directory) {
            do throws(SystemError) {
                files.append(SourceFile(path: path, text: try Files.read(path)))
            } catch {
                files.append(SourceFile(path: path, text: [], isReadable: false))
            }
        }
        return files
    }
}

extension Archive {
    /// The same bytes again: what the keeper's child read, the engine reads too.
    func parsed(_ options: Options) -> ParseResult {
        parse(main, options: options.parseOptions) { pattern, directory in
            self.files(pattern: pattern, directory: directory)
        }
    }
}
