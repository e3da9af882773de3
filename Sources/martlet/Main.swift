import Daemon

@main enum Main {
    static func main() { endProcess(martletMain()) }
}
