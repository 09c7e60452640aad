import Foundation
import TestSupport

/// A router that was taken over, with what its unit gives it.
enum Units: Attack {
    static let name = "units"
    static let abstract = "the process that strangers reach may read neither store nor keys under its unit."
    static let place = 0

    private static let analyze = "/usr/bin/systemd-analyze"
    private static let services = ["p2pmsg-router", "p2pmsg-receiver@", "p2pmsg-renderer"]

    static func prepare(on ground: Ground) async throws -> Strike {
        let site = ground.victim.node.site
        return { _ in
            var (users, states, checks): (Set<String>, Set<String>, [Check]) = ([], [], [])
            for service in services {
                let file = "\(Binaries.packageRoot)/compose/systemd/\(service).service"
                let unit = try String(contentsOfFile: file, encoding: .utf8)
                users.insert(setting("User", in: unit))
                states.insert(setting("StateDirectory", in: unit))
                guard access(analyze, X_OK) == 0 else { continue }
                let name = service + (service.hasSuffix("@") ? "1" : "") + ".service"
                let copy = try site.directory.write(unit, to: name)
                let judged = try await site.run(
                    analyze, ["security", "--offline=true", "--threshold=14", "--no-pager", copy])
                let score = judged.lines.last { $0.contains("exposure level") } ?? judged.errorText
                checks.append(
                    Check(service, score.trimmingCharacters(in: .whitespaces), goal: "≤ 1.4", holds: judged.status == 0)
                )
            }
            return checks + [
                Check("users of three services", "\(users.count)", goal: "3", holds: users.count == 3),
                Check("directories of three services", "\(states.count)", goal: "3", holds: states.count == 3),
            ]
        }
    }

    private static func setting(_ name: String, in unit: String) -> String {
        unit.split(separator: "\n").last { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) } ?? ""
    }
}
