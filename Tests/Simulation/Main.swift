import ArgumentParser
import Foundation

/// Runs meshes of production switches on a virtual clock and prints what they were like. See `Tests/Simulation/run`.
@main
struct Simulation: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Tests/Simulation/run",
        abstract: "Simulates meshes and prints what they were like, each figure beside its goal.",
        discussion: "The exit status is 1 when a goal was missed.",
        subcommands: [Table.self, Swarm.self, Hot.self, One.self], defaultSubcommand: Table.self)
}

/// Talk goes to standard error.
func note(_ text: String, terminator: String = "\n") {
    FileHandle.standardError.write(Data((text + terminator).utf8))
}
