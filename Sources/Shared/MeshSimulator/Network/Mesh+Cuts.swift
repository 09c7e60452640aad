extension Mesh {
    /// Cuts the network: nodes of different groups don't reach each other. Nodes that are in no group form one more.
    package mutating func split(into groups: [[Int]]) { cut.split(into: groups) }

    /// Cuts the network in one direction: what the first nodes send does not reach the others, who don't notice.
    package mutating func cut(from senders: Set<Int>, to receivers: Set<Int>) { cut.add(from: senders, to: receivers) }

    /// Ends all cuts. What was lost stays lost.
    package mutating func heal() { cut = NetworkCut() }
}
