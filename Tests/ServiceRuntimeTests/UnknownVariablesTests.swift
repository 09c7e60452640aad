import Foundation
import ServiceRuntime
import TestSupport
import Testing

@Suite struct UnknownVariablesTests {
    @Test func variableThatIsNoSetting_isNamed_withTheNearestThatIsOne() {
        let warnings = UnknownVariables.warnings(environment: [
            "P2PMSG_HTPP": "x", "P2PMSG_SEEDS": "a:1", "P2PMSG_SOMETHING_ELSE": "x", "HTTP": "y", "P2PMSGX": "z",
            "P2PMSG_EMTPY": "",
        ])
        #expect(
            warnings == [
                "the variable P2PMSG_HTPP is no setting and has no effect; did you mean P2PMSG_HTTP?",
                "the variable P2PMSG_SEEDS is no setting and has no effect; did you mean P2PMSG_SEED?",
                "the variable P2PMSG_SOMETHING_ELSE is no setting and has no effect",
            ])
    }

    @Test func settingsOfAllCommands_areKnown() {
        let names = Setting.variables.union(["P2PMSG_CONFIG", "P2PMSG_PARENT_PIPE", "P2PMSG_BENCHMARK_COUNT"])
        #expect(names.count > 40)
        #expect(
            UnknownVariables.warnings(environment: Dictionary(uniqueKeysWithValues: names.map { ($0, "x") })).isEmpty)
    }

    @Test func whatKubernetesSetsForAServiceOfOurName_isNoTypo() {
        let environment = [
            "P2PMSG_SERVICE_HOST": "10.0.0.1", "P2PMSG_SERVICE_PORT": "80", "P2PMSG_SERVICE_PORT_HTTP": "80",
            "P2PMSG_PORT": "tcp://10.0.0.1:80", "P2PMSG_PORT_80_TCP_ADDR": "10.0.0.1",
        ]
        #expect(UnknownVariables.warnings(environment: environment).isEmpty)
        #expect(UnknownVariables.warnings(environment: ["P2PMSG_PORT": "80"]).count == 1)
    }

    /// Everything that the build, the files of operators and the tests read or set may be in the environment.
    @Test func variablesOfThisRepository_areKnown() throws {
        let root = URL(filePath: Binaries.packageRoot)
        var texts = [try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)]
        for folder in ["compose", "Tests"] {
            let files = FileManager.default.enumerator(
                at: root.appending(path: folder), includingPropertiesForKeys: nil)
            for case let file as URL in try #require(files) where !file.path.contains("UnknownVariables") {
                if let text = try? String(contentsOf: file, encoding: .utf8) { texts.append(text) }
            }
        }
        var names = Set(texts.flatMap { $0.matches(of: /P2PMSG_[A-Z0-9_]*[A-Z0-9]/).map { String($0.output) } })
        #expect(names.isSuperset(of: ["P2PMSG_WARNINGS_AS_ERRORS", "P2PMSG_ONLY", "P2PMSG_TEST_SITE"]))
        // What tests give as a typo.
        names.subtract(["P2PMSG_HTPP"])
        let warnings = UnknownVariables.warnings(environment: Dictionary(uniqueKeysWithValues: names.map { ($0, "x") }))
        #expect(warnings.isEmpty, "\(warnings)")
    }
}
