import Foundation
import Messages
import TestSupport

/// A copy of the store as a file of the receiver's user.
enum BackupPath: Attack {
    static let name = "backup-path"
    static let abstract = "a message with an ssh key on a line of its own, then a backup into .ssh/authorized_keys."
    static let place = 2

    static func prepare(on ground: Ground) async throws -> Strike {
        let (node, author) = (ground.victim.node, Identity.generate(.ed25519))
        let text = "look\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIattackerattackerattackerattackerattack attacker\n"
        if let trouble = await ground.victim.publish(try author.sign(text, channel: .tweets, at: Timestamp.now)) {
            throw NotInTime("the message: \(trouble)")
        }
        let folder = node.site.directory.file("home/.ssh")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let foreign = try node.site.directory.write("of somebody else", to: "home/.ssh/copy.partial")
        return { end in
            var (tries, written) = (0, 0)
            repeat {
                tries += 1
                // The client sees a folder of its own there: what appears in the real one was written by the receiver.
                if PrivateMount.isPossible {
                    let line = try [
                        "--mount", "--propagation", "private", "/bin/sh", "-c",
                        "mount -t tmpfs none \"$1\" && exec \"$0\" backup \"$1/authorized_keys\"",
                        Binaries.path(Binaries.client), folder,
                    ]
                    let client = try TestProcess("/usr/bin/unshare", line, environment: node.site.environment)
                    _ = try await client.waitForExit(within: .seconds(30))
                    if FileManager.default.fileExists(atPath: folder + "/authorized_keys") { written += 1 }
                    try? FileManager.default.removeItem(atPath: folder + "/authorized_keys")
                }
                // What belongs to others stays, whatever the copy is called before it is whole.
                _ = try await node.cli(["backup", folder + "/copy"])
                try? FileManager.default.removeItem(atPath: folder + "/copy")
                try await letTimePass(.seconds(1))
            } while ContinuousClock.now < end
            let rest = try? String(contentsOfFile: foreign, encoding: .utf8)
            return [
                Check("backups asked for", "\(tries)"),
                Check("files written by the receiver", written, atMost: 0),
                Check(
                    "a file of others beside it", rest == nil ? "gone" : "there", goal: "there",
                    holds: rest == "of somebody else"),
            ]
        }
    }
}
