/// What an author is to a store. A key costs nothing, so what is new is bounded as a whole, and the bounds leave alone who
/// is not.
package enum Standing: Sendable {
    /// New here, or holds much.
    case stranger
    /// First stored more than ``StoreLimits/settledAfter`` ago, and holds less than a hundredth of the store, or no more than
    /// ``StoreLimits/settledBytes``.
    case settled
    /// The operator pinned a name to the key, or it has written on the command line of this node.
    case known
}
