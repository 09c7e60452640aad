/// Variables that look like settings and are none: a typo would otherwise be a setting that silently has no effect.
package enum UnknownVariables {
    /// Read by the build, the files in compose/ and the tests.
    private static let others: Set<String> = [
        ShutdownSignals.parentPipeVariable, "P2PMSG_BENCHMARK", "P2PMSG_BIN", "P2PMSG_DEBIAN_MIRROR", "P2PMSG_FRONT",
        "P2PMSG_FUZZING", "P2PMSG_FUZZ_TARGET", "P2PMSG_HTML", "P2PMSG_NAP", "P2PMSG_ONLY", "P2PMSG_POWER_CUTS",
        "P2PMSG_PREVIEW_PORT", "P2PMSG_PROGRAMS_ONLY", "P2PMSG_PUBLISH", "P2PMSG_RECEIVER", "P2PMSG_TEST_SITE",
        "P2PMSG_THREATS", "P2PMSG_THREATS_UNGUARDED", "P2PMSG_TORTURE_NAMESPACE", "P2PMSG_VECTORS",
        "P2PMSG_WARNINGS_AS_ERRORS", "P2PMSG_WEIGHT",
    ]

    /// A sentence for each that is set, in their order.
    package static func warnings(environment: [String: String]) -> [String] {
        let known = Setting.variables.union([Setting.config.environmentVariable]).map { $0.dropFirst(prefix.count) }
        return environment.filter { isUnknown($0.key, value: $0.value) }.keys.sorted().map { name in
            let word = String(name.dropFirst(prefix.count))
            let hint = Suggestion.nearest(to: word, among: known.map(String.init)).map {
                "; did you mean \(prefix)\($0)?"
            }
            return "the variable \(SafeText.line(name)) is no setting and has no effect" + (hint ?? "")
        }
    }

    /// - Parameter value: an empty one counts as absent, as with settings.
    package static func isUnknown(_ name: String, value: String) -> Bool {
        name.hasPrefix(prefix) && !value.isEmpty && name != Setting.config.environmentVariable
            && !Setting.variables.contains(name) && !others.contains(name) && !name.hasPrefix("P2PMSG_BENCHMARK_")
            && !isServiceLink(name, value)
    }

    /// What Kubernetes sets in every pod beside a service that is called p2pmsg.
    private static func isServiceLink(_ name: String, _ value: String) -> Bool {
        name.hasSuffix("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.contains("_PORT_")
            || name.hasSuffix("_PORT") && value.contains("://")
    }

    private static let prefix = "P2PMSG_"
}
