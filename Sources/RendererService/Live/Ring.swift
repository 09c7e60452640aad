/// The newest elements of a sequence, up to a limit.
struct Ring<Element> {
    private var elements: [Element] = []
    private var start = 0
    private let capacity: Int

    init(capacity: Int) { self.capacity = max(1, capacity) }

    mutating func append(_ element: Element) {
        if elements.count < capacity {
            elements.append(element)
        } else {
            elements[start] = element
            start = (start + 1) % capacity
        }
    }

    var newest: Element? { elements.isEmpty ? nil : elements[(start + elements.count - 1) % elements.count] }

    /// Oldest first.
    var inOrder: [Element] { Array(elements[start...]) + Array(elements[..<start]) }

    /// What came after the newest element that matches; nil where none does.
    func after(_ isMatch: (Element) -> Bool) -> [Element]? {
        let ordered = inOrder
        guard let index = ordered.lastIndex(where: isMatch) else { return nil }
        return Array(ordered[(index + 1)...])
    }
}
