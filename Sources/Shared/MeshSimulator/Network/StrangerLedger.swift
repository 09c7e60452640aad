import Telehash
import TelehashWire

/// Bytes between switches and addresses where no switch is: what a forger could make the mesh send to a victim.
///
/// Such an address never proves that it receives, so for each byte in its name it may get three (rule 3). Addresses
/// that never sent are not counted: what goes there are dials, which have a budget of their own.
struct StrangerLedger: Sendable {
    private struct Pair: Hashable, Sendable {
        let stranger: Endpoint
        let node: Int
    }

    private struct Account: Sendable {
        var heard = 0
        var answered = 0
    }

    private var accounts: [Pair: Account] = [:]
    private(set) var largestRatio = 0.0

    mutating func heard(_ bytes: Int, from stranger: Endpoint, at node: Int) {
        accounts[Pair(stranger: stranger, node: node), default: Account()].heard += bytes
    }

    /// The ratio is taken at each answer, so a debt that is made good later still shows.
    mutating func answered(_ bytes: Int, to stranger: Endpoint, by node: Int) {
        let pair = Pair(stranger: stranger, node: node)
        guard var account = accounts[pair] else { return }
        account.answered += bytes
        accounts[pair] = account
        largestRatio = max(largestRatio, Double(account.answered) / Double(max(1, account.heard)))
    }
}
