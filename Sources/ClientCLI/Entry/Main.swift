import ServiceRuntime

@main
enum Main {
    static func main() async {
        StandardStreams.prepare()
        await CommandRunner.run(Array(CommandLine.arguments.dropFirst()), environment: Environment.current)
    }
}
