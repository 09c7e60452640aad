import ArgumentParser
import TestSupport

/// What strangers can try with a node, from the command line.
struct AttackCommand: AsyncParsableCommand {
    /// All that there are.
    static let attacks: [any Attack.Type] = [
        Ahead.self, Censor.self, FreshKeys.self, Ligatures.self, WrongSignatures.self, Replay.self, FalseWitnesses.self,
        SeedFlood.self, OneSignature.self, PrimeModulus.self, Searches.self, EventsReplay.self, LiveFlood.self,
        Connections.self, Rebinding.self, ForwardedNames.self, UnkeptChannel.self, BlockedAuthor.self,
        HiddenMessage.self, OddPaths.self, LineBreaks.self, BackupPath.self, Units.self,
    ]

    static let configuration = CommandConfiguration(
        commandName: "attack",
        abstract: "Attacks nodes while people write, read and join, who must not notice.",
        discussion: """
            Several names: all of them at once. The attacks are:

            \(attacks.map { "\($0.name): \($0.abstract)" }.joined(separator: "\n"))
            all: everything at once at a mesh of six nodes.
            """)

    @Argument(help: "Which ones.")
    var names: [String]

    @Option(help: "Seconds that it lasts.")
    var seconds = 60.0

    @Option(help: "Minutes that it lasts (all: 10 by default).")
    var minutes: Double?

    @Option(help: "Whatever the attack does, so often a second.")
    var rate: Double?

    @Option(
        help:
            "Which part of its rate each attack has when all come at once: six nodes and everybody else share the machine."
    )
    var share = 0.5

    @Option(help: "How much there is of what the attack is made of.")
    var size: Int?

    @Option(
        help: """
            Milliseconds within which 99 of 100 pages must come. Debug builds and busy machines need more (default: 50; \
            all: 1000).
            """)
    var pageLimit: Double?

    private var isAll: Bool { names == ["all"] }

    private var chosen: [any Attack.Type] {
        isAll ? Self.attacks : names.compactMap { name in Self.attacks.first { $0.name == name } }
    }

    func validate() throws {
        guard !names.isEmpty, chosen.count == names.count || isAll else {
            throw ValidationError("attacks are \(Self.attacks.map { $0.name }.joined(separator: ", ")), and all")
        }
        guard share > 0, share <= 1 else { throw ValidationError("--share is above 0, and 1 at most") }
        guard seconds >= 1, seconds <= 86_400 else { throw ValidationError("--seconds is 1 to 86400") }
    }

    func run() async throws {
        let length = minutes.map { $0 * 60 } ?? (isAll ? 600 : seconds)
        var findings = Findings("attack \(names.joined(separator: " "))")
        let field = try await Field.open(for: chosen, rate: rate, share: isAll ? share : 1, size: size)
        let play = Play(
            field: field, attacks: chosen, length: .seconds(length), pageLimit: pageLimit ?? (isAll ? 1_000 : 50))
        try await play.run(into: &findings)
        try await field.close()
        try findings.conclude()
    }
}
