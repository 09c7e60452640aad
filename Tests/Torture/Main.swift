import ArgumentParser
import Dispatch
import Foundation
import TestSupport

/// Runs a node whose processes are killed, frozen, restarted, or left without space or descriptors, and looks whether it
/// keeps what it promises.
@main
struct Torture: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Tests/Torture/run",
        abstract: "Does things to a node under load and prints what it made of them, each figure beside its goal.",
        discussion: "The exit status is 1 when a goal was missed.",
        subcommands: [
            KillAny.self, Share.self, FreezeReceiver.self, FreezeRenderer.self, Rolling.self, Queries.self,
            DiskFull.self, Descriptors.self, SilentPeers.self, Nats.self, Loss.self,
            Flood.self, Link.self, RealMesh.self, AttackCommand.self,
        ], defaultSubcommand: KillAny.self)

    static func main() async {
        // A scenario that is stopped leaves nothing running.
        let endings = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { @Sendable in
                TestProcess.killAll()
                Foundation.exit(128 + number)
            }
            source.resume()
            return source
        }
        await main(nil)
        withExtendedLifetime(endings) {}
    }
}

func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
