import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// The files of `compose/` and the READMEs against what the programs and the checkout have: what one changes, the
    /// other must say.
    @Suite("Operators' files", .timeLimit(.minutes(2)))
    struct OperatorFileTests {
        /// Nothing to set in a file: what asks for something, or names the file.
        private static let noSettings: Set<String> = ["help", "version", "config", "salvage"]

        private static func text(_ path: String) throws -> String {
            try String(contentsOfFile: Binaries.packageRoot + "/" + path, encoding: .utf8)
        }

        /// The long options of a command, without their dashes, from its help.
        private static func options(of words: [String], site: TestSite) async throws -> Set<String> {
            let help = try await site.run(words[0], Array(words.dropFirst()) + ["--help"])
            try #require(help.status == 0, "\(words): \(help.errorText)")
            return Set(help.text.matches(of: /(?m)^  (?:-[a-z], )?--([a-z0-9][a-z0-9-]*)/).map { String($0.1) })
        }

        private static func serviceOptions(_ site: TestSite) async throws -> Set<String> {
            var all: Set<String> = []
            for program in [Binaries.router, Binaries.receiver, Binaries.renderer] {
                all.formUnion(try await options(of: [program], site: site))
            }
            return all.subtracting(noSettings)
        }

        @Test func settingsFile_hasEverySettingOfTheNode_andNoOther() async throws {
            let site = try TestSite()
            let known = try await Self.serviceOptions(site).union(
                try await Self.options(of: [Binaries.client, "up"], site: site)
            ).subtracting(Self.noSettings).subtracting(["channel"]).union(["channels"])
            let written = Set(
                try Self.text("compose/p2pmsg.conf").matches(of: #/(?m)^(?:# )?([a-z0-9-]+) = /#).map { String($0.1) })
            #expect(known.count > 20)
            #expect(known.subtracting(written).sorted() == [], "settings that p2pmsg.conf does not explain")
            #expect(written.subtracting(known).sorted() == [], "settings that no program of a node has")
        }

        @Test func containers_takeEverySettingOfTheServices_underItsName() async throws {
            let site = try TestSite()
            // The file says itself where sockets, stores and keys are; the rest is for a bus over several hosts.
            let fixed: Set<String> = [
                "bus", "udp", "http", "ops", "store", "state", "keys", "service-key", "router-key", "allow", "listen",
            ]
            let settings = try await Self.serviceOptions(site)
            #expect(fixed.subtracting(settings).sorted() == [], "fixed, but no setting")
            let wanted = Set(settings.subtracting(fixed).map(Self.variable))
            let compose = try Self.text("compose/compose.yaml")
            let named = Set(compose.matches(of: /(?m)^  +(P2PMSG_[A-Z0-9_]+):/).map { String($0.1) })
            #expect(wanted.subtracting(named).sorted() == [], "settings that do not reach the containers")
            // What --scheme-2011 off was called before, and --help names no more.
            #expect(named.subtracting(wanted) == ["P2PMSG_REFUSE_2011"], "variables that no service reads")

            let all = Set(settings.map(Self.variable))
            for file in ["compose/kubernetes.yaml", "compose/Containerfile"] {
                let used = Set(try Self.text(file).matches(of: /\b(P2PMSG_[A-Z0-9_]+)/).map { String($0.1) })
                let known = all.union(["P2PMSG_PROGRAMS_ONLY"])
                #expect(used.subtracting(known).sorted() == [], "\(file): variables that no service reads")
            }
        }

        /// The variable of a setting, as the design has it: channels are a list for services.
        private static func variable(_ option: String) -> String {
            option == "channel"
                ? "P2PMSG_CHANNELS" : "P2PMSG_" + option.uppercased().replacingOccurrences(of: "-", with: "_")
        }

        private static let readmes = [
            "README.md", "compose/README.md", "CHANGELOG.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md",
        ]

        @Test func everyFlagOfAReadme_isOneOfACommand() async throws {
            let site = try TestSite()
            var known = try await Self.serviceOptions(site).union(Self.noSettings)
            let overview = try await site.run(Binaries.client, ["--help"]).text
            let commands = overview.matches(of: /(?m)^  ([a-z]+) {2,}\S/).map { String($0.1) }
            #expect(commands.count > 15)
            for command in commands {
                known.formUnion(try await Self.options(of: [Binaries.client, command], site: site))
                if command == "key" {
                    for action in ["new", "list", "show", "import", "export", "rename", "delete"] {
                        known.formUnion(try await Self.options(of: [Binaries.client, command, action], site: site))
                    }
                }
            }
            // What the parser of arguments brings itself.
            known.insert("generate-completion-script")
            // Of chown, docker compose, podman, swift, systemctl and tar.
            known.formUnion([
                "build", "build-arg", "detach", "file", "filter", "no-deps", "no-same-owner", "now", "reference", "rm",
                "scale", "entrypoint", "exclude", "skip-old-files",
                "static-swift-stdlib", "tag", "target",
            ])
            for file in Self.readmes {
                // Not the arrow of the drawing, which has a slash.
                let flags = try Self.text(file).matches(of: #/[\s`(]--([a-z0-9][a-z0-9-]*)(?![a-z0-9\/-])/#)
                let unknown = Set(flags.map { String($0.1) }).subtracting(known)
                #expect(unknown.sorted() == [], "\(file) names flags that no command has")
            }
        }

        @Test(arguments: readmes)
        func everyLinkOfAReadme_leadsSomewhere(_ file: String) throws {
            let text = try Self.text(file)
            let folder = (file as NSString).deletingLastPathComponent
            for match in text.matches(of: /\]\(([^)\s]+)\)/) {
                let link = String(match.1)
                if link.hasPrefix("http") { continue }
                let parts = link.split(separator: "#", omittingEmptySubsequences: false)
                let target = parts[0].isEmpty ? file : (folder as NSString).appendingPathComponent(String(parts[0]))
                let isThere = FileManager.default.fileExists(atPath: Binaries.packageRoot + "/" + target)
                #expect(isThere, "\(file): \(link)")
                guard isThere, parts.count == 2 else { continue }
                let headings = try Self.text(target).matches(of: /(?m)^#+ (.+)$/).map { Self.anchor(String($0.1)) }
                #expect(headings.contains(String(parts[1])), "\(file): \(link)")
            }
        }

        /// As the hosts of repositories make them.
        private static func anchor(_ heading: String) -> String {
            String(
                heading.lowercased().compactMap { character -> Character? in
                    if character == " " { return "-" }
                    return character.isLetter || character.isNumber || character == "-" ? character : nil
                })
        }

        @Test func readmeOfTheOperators_namesEveryFileBesideIt() throws {
            let text = try Self.text("compose/README.md")
            let files = try FileManager.default.contentsOfDirectory(atPath: Binaries.packageRoot + "/compose")
            for file in files where file != "README.md" && file != "wall.png" && !file.hasPrefix(".") {
                #expect(text.contains("`\(file)") || text.contains("/\(file)"), "\(file) is not explained")
            }
        }
    }
}
