import ServiceRuntime
import TestSupport
import Testing

@Suite struct ArgumentSourcesTests {
    private let settings: [Setting] = [.bus, .udp, .seeds, .json, .channels]

    private func resolve(
        _ arguments: [String], _ environment: [String: String] = [:], file: String? = nil
    ) throws -> [String] {
        let directory = try TemporaryDirectory()
        var environment = environment
        if let file { environment["P2PMSG_CONFIG"] = try directory.write(file, to: "p2pmsg.conf") }
        return try ArgumentSources.resolve(arguments: arguments, environment: environment, settings: settings).arguments
    }

    @Test(
        arguments: [
            // flag, environment, file, what the parser sees
            (["--udp", "flag"], ["P2PMSG_UDP": "variable"], "udp = file", ["--udp", "flag"]),
            (["--udp=flag"], ["P2PMSG_UDP": "variable"], "udp = file", ["--udp=flag"]),
            ([], ["P2PMSG_UDP": "variable"], "udp = file", ["--udp=variable"]),
            ([], [:], "udp = file", ["--udp=file"]),
            ([], ["P2PMSG_UDP": ""], "udp = file", ["--udp=file"]),
            ([], [:], "", []),
            (["--", "--udp"], ["P2PMSG_UDP": "variable"], "", ["--udp=variable", "--", "--udp"]),
            ([], ["P2PMSG_SEED": "a:1, b:2,"], "seed = ['c:3']", ["--seed=a:1", "--seed=b:2"]),
            (["--seed", "d:4"], ["P2PMSG_SEED": "a:1"], "seed = c:3", ["--seed", "d:4"]),
            ([], [:], "seed = ['c:3', 'd:4']", ["--seed=c:3", "--seed=d:4"]),
            ([], [:], "seed = c:3", ["--seed=c:3"]),
            ([], ["P2PMSG_JSON": "true"], "json = false", ["--json"]),
            ([], ["P2PMSG_JSON": "0"], "json = true", []),
            ([], [:], "json = true", ["--json"]),
            (["--json"], ["P2PMSG_JSON": "false"], "", ["--json"]),
            ([], ["P2PMSG_CHANNELS": "a,b", "P2PMSG_CHANNEL": "c"], "", ["--channel=a", "--channel=b"]),
            ([], ["P2PMSG_CHANNEL": "c"], "channels = [a, b]", ["--channel=a", "--channel=b"]),
            ([], [:], "channel = a", ["--channel=a"]),
            ([], ["P2PMSG_DEFAULT_UDP": "default"], "", ["--udp=default"]),
            ([], ["P2PMSG_DEFAULT_UDP": "default"], "udp = file", ["--udp=file"]),
            ([], ["P2PMSG_DEFAULT_UDP": "default", "P2PMSG_UDP": "variable"], "", ["--udp=variable"]),
            ([], ["P2PMSG_DEFAULT_SEED": "a:1,b:2"], "seed = [c:3]", ["--seed=c:3"]),
            ([], ["P2PMSG_DEFAULT_SEED": "a:1,b:2"], "", ["--seed=a:1", "--seed=b:2"]),
        ] as [([String], [String: String], String, [String])])
    func settingGivenInSeveralPlaces_highestPlaceWins(
        arguments: [String], environment: [String: String], file: String, expected: [String]
    ) throws {
        #expect(try resolve(arguments, environment, file: file) == expected)
    }

    @Test func addedArguments_areInsertedWhereAsked() throws {
        let resolved = try ArgumentSources.resolve(
            arguments: ["send", "hello"], environment: ["P2PMSG_BUS": "ipc:///b"], settings: settings, insertAt: 1)
        #expect(resolved.arguments == ["send", "--bus=ipc:///b", "hello"])
    }

    @Test func settingOfAnotherCommandInFile_isIgnored() throws {
        #expect(try resolve([], file: "store = /var/lib/p2pmsg/store.sqlite\nudp = 1.2.3.4:5") == ["--udp=1.2.3.4:5"])
    }

    @Test(arguments: [
        ("# first\n\nudpp = 0.0.0.0:42424", "3: unknown setting 'udpp' (did you mean 'udp'?)"),
        ("base_path = /", "1: unknown setting 'base_path' (did you mean 'base-path'?)"),
        ("colour = blue", "1: unknown setting 'colour'"),
        ("bus = a\nudp", "2: expected '=' after 'udp'"),
        ("udp =\nbus = a", "1: the value is missing"),
        ("udp = \"a", "1: the string is not closed with \""),
        ("udp = \"a\" b", "1: unexpected 'b' after the value"),
        ("udp = \"\\x\"", "1: unknown escape '\\x' in the string"),
        ("seed = [\"a\",\n\"b\"", "1: the list is not closed with ']'"),
        ("seed = [\"a\"\n\"b\"]", "2: expected ',' or ']' in the list"),
        ("udp = a\nudp = b", "2: setting 'udp' is given twice (first on line 1)"),
        (
            "seed = a\nseed = b",
            "2: setting 'seed' is given twice (first on line 1); several stand in one list: seed = [A, B]"
        ),
        ("udp = [\"a\"]", "1: 'udp' takes one value, not a list"),
        ("\njson = yes", "2: 'json' must be true or false, not 'yes'"),
        ("= a", "1: expected name = value"),
    ])
    func wrongFile_isRefusedWithItsNameAndLine(text: String, expected: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "p2pmsg.conf")
        let error = try #require(throws: FailureReport.self) {
            try ArgumentSources.resolve(arguments: ["--config", path], environment: [:], settings: settings)
        }
        #expect(error.message == "\(path):\(expected)")
        #expect(error.status == .usage)
    }

    @Test func missingFile_isRefusedWithItsName() throws {
        let error = try #require(throws: FailureReport.self) {
            try ArgumentSources.resolve(
                arguments: ["--config=/nowhere/p2pmsg.conf"], environment: [:], settings: settings)
        }
        #expect(error.message == "cannot read the configuration file /nowhere/p2pmsg.conf: No such file or directory")
        #expect(error.status == .usage)
    }

    @Test func brokenSourceAndHelpAsked_helpIsStillReached() throws {
        #expect(try resolve(["--help"], ["P2PMSG_JSON": "maybe"], file: "???") == ["--help"])
    }

    @Test func flagVariableThatIsNoTruthValue_isRefusedWithItsName() throws {
        let error = try #require(throws: FailureReport.self) { try resolve([], ["P2PMSG_JSON": "maybe"]) }
        #expect(error.message == "P2PMSG_JSON: 'maybe' is neither true nor false")
    }

    @Test func everyFormOfValue_isRead() throws {
        let file = """
            bus = "ipc:///a \\"b\\" \\u0041"   # quoted
            udp = 'C:\\n'
            seed = [  # over several lines
                "a#1:1",
                b#2:2,  # bare, with a comment
            ]
            """
        #expect(
            try resolve([], file: file)
                == ["--bus=ipc:///a \"b\" A", "--udp=C:\\n", "--seed=a#1:1", "--seed=b#2:2"])
    }

    @Test func parserMessageAboutAnAddedOption_namesItsSource() throws {
        let resolved = try ArgumentSources.resolve(
            arguments: [], environment: ["P2PMSG_UDP": "nonsense"], settings: settings)
        let message = "Error: The value 'nonsense' is invalid for '--udp <udp>'"
        #expect(resolved.annotated(message) == message + "\n(--udp is set by P2PMSG_UDP)")
        #expect(resolved.annotated("Error: something else") == "Error: something else")
    }
}
