/// What the mesh must show at one size.
struct Goals {
    let nodes: Int
    let success: Double
    let meanHops: Double
    let successInTrouble: Double
    let delivered: Double
    let maintenance: Double
    let recoverySeconds = 180.0
    let amplification = 3.0

    static let all = [
        Goals(
            nodes: 1_000, success: 0.999, meanHops: 2.6, successInTrouble: 0.995, delivered: 0.999, maintenance: 28),
        Goals(
            nodes: 10_000, success: 0.999, meanHops: 3.3, successInTrouble: 0.995, delivered: 0.999, maintenance: 34),
        Goals(
            nodes: 100_000, success: 0.999, meanHops: 4.1, successInTrouble: 0.99, delivered: 0.995,
            maintenance: 41),
    ]

    /// Those of the next size up.
    static func of(_ nodes: Int) -> Goals {
        all.first { nodes <= $0.nodes } ?? all[all.count - 1]
    }
}
