import ArgumentParser
import BusClient
import Messages
import TestSupport

/// The store's disk has no space left, and later has again.
struct DiskFull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The disk of the only store is full for a minute.",
        discussion: "Mounts a small tmpfs in a mount namespace of its own, which needs root.")

    @Option(help: "Seconds of undisturbed load before and after.")
    var calm = 5.0

    @Option(help: "Seconds without space.")
    var seconds = 60.0

    @Option(help: "MB of the store's file system.")
    var megabytes = 128

    @OptionGroup var load: LoadOptions

    /// From the first byte that is free until messages are acknowledged again.
    private static let recovery = Duration.seconds(5)

    func run() async throws {
        guard PrivateMount.isPossible else {
            return print("disk-full: skipped, because mounting a small file system needs root and unshare(1)")
        }
        try PrivateMount.enterNamespace()
        var findings = Findings("disk-full")
        let directory = try TemporaryDirectory()
        let disk = try PrivateMount.make(at: directory.file("disk"), megabytes: megabytes)
        let stage = try await Stage.open(Stage.Cast(receivers: [1], storeDirectory: disk.path))
        let ledger = Ledger()
        let (full, back, told) = try await underLoad(load, on: stage, into: ledger) {
            try await letTimePass(.seconds(calm))
            var told: String?
            let full = try await Phase.lasting {
                try disk.fillUp()
                try await letTimePass(.seconds(seconds))
                told = try await tellImpatient(stage)
            }
            try disk.makeRoom()
            try await eventually("messages are acknowledged again", within: .seconds(60)) {
                ledger.entries.contains { $0.begun >= full.to }
            }
            let back = full.to.duration(to: .now)
            try await letTimePass(.seconds(calm))
            return (full, back, told)
        }
        record(ledger, full, back, told, store: stage.stores[0], into: &findings)
        try await finish(stage, ledger, into: &findings)
    }

    /// What somebody is told who waits for a second only.
    private func tellImpatient(_ stage: Stage) async throws -> String? {
        let client = try BusClient(bus: stage.site.bus, name: "impatient")
        let message = try Identity.generate(.ed25519).sign("impatient", channel: .tweets, at: Timestamp.now)
        let receipt = try await client.publish(message, acks: 1, timeout: .seconds(1))
        await client.close()
        return receipt.hindrance
    }

    private func record(
        _ ledger: Ledger, _ full: Phase, _ back: Duration, _ told: String?, store: String,
        into findings: inout Findings
    ) {
        let words = told ?? "nothing"
        findings.record("who does not wait is told what waits", words, goal: store, holds: words.contains(store))
        for (code, error) in ledger.errors { findings.fail("\(error.count) messages got \(code): \(error.text)") }
        let late = ledger.times(in: full)
        findings.mention("receipts of messages sent while full", "\(late.count), \(late.summary)")
        findings.record(
            "acknowledged again after", "\(Int(back.milliseconds)) ms", goal: "5000 ms", holds: back <= Self.recovery)
    }

    /// What waited is stored later, so that pages can show more than was acknowledged, never less.
    private func finish(_ stage: Stage, _ ledger: Ledger, into findings: inout Findings) async throws {
        var audit = Audit(stage: stage, receipts: ledger.receipts)
        try await audit.awaitCalm()
        try await audit.readPages()
        try await stage.close()
        try await audit.readStores()
        for failure in audit.failures { findings.fail(failure) }
        findings.record(
            "receipts that are not true", "\(audit.failures.count) kinds of \(ledger.receipts.count)", goal: "0",
            holds: audit.failures.isEmpty)
        try findings.conclude()
    }
}
