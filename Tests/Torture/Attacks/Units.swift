import Foundation
import TestSupport

/// A router that was taken over, with what its unit gives it: a user and a group, directories with their modes, a mask.
enum Units: Attack {
    static let name = "units"
    static let abstract = "the process that strangers reach may read neither store nor keys under its unit."
    static let place = 0

    private static let analyze = "/usr/bin/systemd-analyze"
    private static let services = ["p2pmsg-router", "p2pmsg-receiver@", "p2pmsg-renderer"]

    static func prepare(on ground: Ground) async throws -> Strike {
        let site = ground.victim.node.site
        let texts = try services.map { service in
            try String(contentsOfFile: "\(Binaries.packageRoot)/compose/systemd/\(service).service", encoding: .utf8)
        }
        return { _ in
            var checks: [Check] = []
            for (service, text) in zip(services, texts) {
                checks.append(try await exposure(of: service, text, site))
            }
            guard geteuid() == 0 else {
                return checks + [
                    Check("files of the others", "taking other users needs root", goal: "tried", holds: false)
                ]
            }
            return checks + (try await trespass(try UnitUsers(texts), site))
        }
    }

    private static func exposure(of service: String, _ unit: String, _ site: TestSite) async throws -> Check {
        guard access(analyze, X_OK) == 0 else {
            return Check(service, "\(analyze) is not there", goal: "≤ 1.4", holds: false)
        }
        let copy = try site.directory.write(unit, to: service + (service.hasSuffix("@") ? "1" : "") + ".service")
        let judged = try await site.run(analyze, ["security", "--offline=true", "--threshold=14", "--no-pager", copy])
        let score = judged.lines.last { $0.contains("exposure level") } ?? judged.errorText
        return Check(service, score.trimmingCharacters(in: .whitespaces), goal: "≤ 1.4", holds: judged.status == 0)
    }

    /// Everybody tries to open what the programs of the others have made, and what is their own, which has to work.
    private static func trespass(_ users: UnitUsers, _ site: TestSite) async throws -> [Check] {
        let (receiver, renderer) = (users.all[1], users.all[2])
        let store = receiver.directory + "/store.sqlite"
        let serving = try users.start(
            receiver, Binaries.path(Binaries.receiver),
            ["--bus", "ipc://\(receiver.directory)/router.ipc", "--store", store], site)
        try await eventually("the receiver has made its store", within: .seconds(20)) {
            FileManager.default.fileExists(atPath: store)
        }
        serving.signal(SIGTERM)
        _ = try await serving.waitForExit(within: .seconds(10))
        let keys = renderer.directory + "/keys"
        let making = try users.start(
            renderer, Binaries.path(Binaries.client), ["key", "new", "node", "--keys", keys], site)
        _ = try await making.waitForExit(within: .seconds(20))
        var checks: [Check] = []
        for (what, file, owner) in [("store", store, 1), ("page's key", keys + "/node", 2)] {
            for (place, user) in users.all.enumerated() {
                let reading = try users.start(user, "/usr/bin/head", ["-c", "1", file], site)
                let exit = try await reading.waitForExit(within: .seconds(10))
                _ = await reading.standardError.first(within: .seconds(5)) { _ in false }
                let said = exit == .status(0) ? "opened" : reading.standardError.all.joined()
                let goal = place == owner ? "opened" : "Permission denied"
                checks.append(Check("\(services[place]) at the \(what)", said, goal: goal, holds: said.contains(goal)))
            }
        }
        return checks
    }
}

/// The users of units with their directories, as systemd would make them, at numbers that nobody has here.
private final class UnitUsers: Sendable {
    struct User: Sendable {
        let name: String
        let number: uid_t
        let directory: String
        let mask: String
    }

    private static let group: gid_t = 41_000
    private let place: TemporaryDirectory
    let all: [User]

    init(_ units: [String]) throws {
        place = try TemporaryDirectory()
        // Only the directories of the units keep anybody out.
        guard chmod(place.path, 0o755) == 0 else { throw SystemError("chmod") }
        var all: [User] = []
        for unit in units {
            let (name, directory) = (
                Self.setting("User", in: unit), place.file(Self.setting("StateDirectory", in: unit))
            )
            // A name that two units share is one user.
            let number = all.first { $0.name == name }?.number ?? Self.group + 1 + uid_t(all.count)
            guard let mode = mode_t(Self.setting("StateDirectoryMode", in: unit), radix: 8),
                mkdir(directory, mode) == 0 || errno == EEXIST, chmod(directory, mode) == 0,
                chown(directory, number, Self.group) == 0
            else { throw SystemError(directory) }
            all.append(User(name: name, number: number, directory: directory, mask: Self.setting("UMask", in: unit)))
        }
        self.all = all
    }

    func start(_ user: User, _ program: String, _ arguments: [String], _ site: TestSite) throws -> TestProcess {
        let identity = ["--reuid=\(user.number)", "--regid=\(Self.group)", "--clear-groups", "--no-new-privs"]
        let shell = ["/bin/sh", "-c", "umask \(user.mask) && exec \"$0\" \"$@\"", program]
        return try TestProcess(
            try Binaries.installed("setpriv"), identity + ["--bounding-set=-all"] + shell + arguments,
            environment: site.environment)
    }

    private static func setting(_ name: String, in unit: String) -> String {
        unit.split(separator: "\n").last { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) } ?? ""
    }
}
