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
        var result = parse(main, options: options.parseOptions) { pattern, directory in
            let files = ConfigurationReading.files(pattern, directory)
            includes.append(
                Archive.Include(pattern: pattern, directory: directory, files: files))
            return files
        }
        var archive = Archive(main: main, includes: includes)
        for file in result.configuration.keyFiles where archive.key(file.path) == nil {
            result.diagnostics += readKey(file, into: &archive)
        }
        result.diagnostics += result.configuration.resolveKeys { archive.key($0) }
        return Outcome(result: result, archive: archive)
    }

    /// A key that others may read is none.
    private func readKey(_ file: KeyFile, into archive: inout Archive) -> [Diagnostic] {
        do throws(SystemError) {
            let text = try Files.read(file.path, limit: 4096)
            archive.keyFiles.append(SourceFile(path: file.path, text: text))
            let status = try Files.targetStatus(file.path)
            if status.permissions & 0o077 == 0 { return [] }
            return [
                Diagnostic(
                    .security, "open-key-file", "others may read the key in " + file.path,
                    at: file.location, word: file.path, hint: "chmod 600")
            ]
        } catch {
            return []
        }
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
    /// Where things are written.
    func places(_ options: Options) -> Places {
        Places(main, options: options.parseOptions) { pattern, directory in
            self.files(pattern: pattern, directory: directory)
        }
    }

    /// The same bytes again: what the keeper's child read, the engine reads too.
    func parsed(_ options: Options) -> ParseResult {
        var parsing = parsing(options)
        while parsing.step() {}
        return finish(&parsing)
    }

    func parsing(_ options: Options) -> Parsing {
        Parsing(main, options: options.parseOptions) { pattern, directory in
            self.files(pattern: pattern, directory: directory)
        }
    }

    func finish(_ parsing: inout Parsing) -> ParseResult {
        var result = parsing.finish()
        result.diagnostics += result.configuration.resolveKeys { self.key($0) }
        return result
    }
}
