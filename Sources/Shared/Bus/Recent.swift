/// What came last, in constant memory: the oldest makes room for the newest.
package struct Recent<Element: Hashable & Sendable>: Sendable {
    private var members: Set<Element> = []
    /// A ring of the same elements in the order in which they came.
    private var order: [Element] = []
    private var oldest = 0
    private let capacity: Int

    /// - Parameter capacity: 1 or more.
    package init(capacity: Int) {
        self.capacity = capacity
    }

    package func contains(_ element: Element) -> Bool { members.contains(element) }

    /// - Returns: whether it was among them. If it comes again, it is forgotten sooner than others.
    package mutating func remove(_ element: Element) -> Bool { members.remove(element) != nil }

    /// - Returns: false if the element is among them already.
    @discardableResult
    package mutating func insert(_ element: Element) -> Bool {
        guard members.insert(element).inserted else { return false }
        if order.count < capacity {
            order.append(element)
        } else {
            members.remove(order[oldest])
            order[oldest] = element
            oldest = (oldest + 1) % capacity
        }
        return true
    }
}
