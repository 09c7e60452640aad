import ServiceRuntime
import TestSupport
import Testing

@testable import ClientCLI

/// What the processes of a node would refuse is refused before any of them starts.
@Suite struct UpOptionsTests {
    private func answer(_ arguments: [String], _ environment: [String: String] = [:]) throws -> (String, Int32)? {
        switch try CommandRunner.parse(["up"] + arguments, environment: environment) {
        case .command: nil
        case .answer(let explanation, let origins): (origins.annotated(explanation.message), explanation.exitCode)
        }
    }

    static let wrong: [(option: String, value: String, expected: String)] = [
        ("--keep", "90x", "expected how long (90d, 12h) or how much (500MB, 2GB)"),
        ("--keep", "a/b=90d", "cannot have"), ("--keep-strangers", "90d", "or none for no bound"),
        ("--stranger-rate", "200", "as in 200/20, or off"), ("--scheme-2011", "2011", "one of: on off"),
        ("--seed", "foo", "expected HOST:PORT such as"), ("--seed", "foo:0", "expected HOST:PORT such as"),
        ("--post", "never", "expected one of: node browser off"), ("--base-path", "wall", "expected a path such as"),
        ("--udp", "nonsense", "expected ADDRESS:PORT such as"), ("--http", "x", "expected ADDRESS:PORT such as"),
        ("--ops", "x", "expected ADDRESS:PORT such as"),
        ("--advertise", "wall.example:1", "expected IP:PORT such as"),
        ("--trusted-proxy", "10.0.0.0/33", "expected a network such as"),
        ("--public-name", "https://wall.example", "expected a name of a host such as"),
        ("--public-name", "wall.example:80", "expected a name of a host such as"),
        ("--visitor-rate", "fast", "expected messages a second"), ("--title", " ", "it is empty"),
        ("--contact", "notanaddress", "expected an address of mail (wall@example.org) or of the web"),
        ("--rules", "/nowhere/rules.txt", "cannot read the rules in /nowhere/rules.txt"),
        ("--bus", "nonsense", "--bus: "), ("--bus", "ipc://relative", "--bus: "),
        ("--log-level", "loud", "expected one of"), ("--log-format", "xml", "expected one of"),
    ]

    @Test(arguments: wrong)
    func wrongValue_isAUsageErrorThatSaysWhatIsExpected(option: String, value: String, expected: String) throws {
        let (message, code) = try #require(try answer([option, value]), "\(option) \(value) was understood")
        #expect(code != 0)
        #expect(message.hasPrefix("Error: ") && message.contains(expected), "\(message)")
        #expect(message.contains(option), "\(message)")
    }

    @Test(arguments: wrong)
    func wrongVariable_isNamed(option: String, value: String, _: String) throws {
        let variable = "P2PMSG_" + option.dropFirst(2).uppercased().replacing("-", with: "_")
        let (message, _) = try #require(try answer([], [variable: value]), "\(variable)=\(value) was understood")
        #expect(message.contains(variable), "\(message)")
    }

    @Test func whatIsRight_isPassedOnAsItWasTyped() throws {
        let directory = try TemporaryDirectory()
        let arguments = [
            "--keep", "90d", "--keep", "garden=2GB", "--seed", "seed.example:1", "--post", "browser", "--base-path",
            "/wall/", "--channel", "garden",
            "--keep-strangers", "none", "--stranger-rate", "off", "--scheme-2011", "off",
            "--advertise", "192.0.2.1:5", "--trusted-proxy", "10.0.0.0/8", "--visitor-rate", "off", "--public-name",
            "wall.example", "--public-name", "Wall.example.org", "--title",
            "- a wall -",
            "--contact", "https://wall.example/me", "--rules", try directory.write("Be kind.", to: "rules"),
        ]
        guard case .command(let command) = try CommandRunner.parse(["up"] + arguments, environment: [:]) else {
            Issue.record("it was not understood: \(try answer(arguments)?.0 ?? "")")
            return
        }
        let plan = try #require(command as? UpCommand).plan(paths: Paths(), currentDirectory: "/")
        #expect(plan.basePath == "/wall/")
        #expect(
            plan.passedOn == [
                .router: ["--seed=seed.example:1", "--channel=garden", "--advertise=192.0.2.1:5"],
                .receiver: [
                    "--channel=garden", "--keep=90d", "--keep=garden=2GB", "--keep-strangers=none",
                    "--stranger-rate=off", "--scheme-2011=off",
                ],
                .renderer: [
                    "--trusted-proxy=10.0.0.0/8", "--public-name=wall.example", "--public-name=Wall.example.org",
                    "--post=browser", "--visitor-rate=off", "--title=- a wall -",
                    "--contact=https://wall.example/me", "--rules=\(directory.file("rules"))",
                ],
            ])
    }

    @Test func moreChannelsThanANodeTakes_areRefused() throws {
        let channels = (0...256).flatMap { ["--channel", "c\($0)"] }
        let (message, _) = try #require(try answer(channels))
        #expect(message.contains("--channel takes at most "))
    }

    @Test func whatMayHaveBeenMeantForASetting_doesNotReachTheChildren() {
        let plan = NodePlan(
            bus: "ipc:///b", data: "/d", udp: .ip(host: "0.0.0.0", port: 1), http: .ip(host: "0.0.0.0", port: 80),
            basePath: "/")
        let environment = plan.environment(from: ["P2PMSG_HTPP": "x", "P2PMSG_TEST_SITE": "y", "HOME": "/h"])
        #expect(environment["P2PMSG_HTPP"] == nil, "each of them would warn as well")
        #expect(environment["P2PMSG_TEST_SITE"] == "y" && environment["HOME"] == "/h")
    }
}
