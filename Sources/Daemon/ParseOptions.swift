import Config

extension Options {
    /// What the command line has to say to the parser.
    var parseOptions: ParseOptions { ParseOptions() }
}
