/// Elements in the order in which they came, of which any may be taken out. Each step takes the same time, on average.
struct Queue<Element: Hashable> {
    /// Where each stands in the line.
    private var places: [Element: Int] = [:]
    /// With a gap for each that has left; the first one that is there is at ``head``.
    private var line: [Element?] = []
    private var head = 0

    var count: Int { places.count }
    /// With the gaps.
    var length: Int { line.count }
    var first: Element? { head < line.count ? line[head] : nil }
    var all: [Element] { Array(places.keys) }

    func contains(_ element: Element) -> Bool { places[element] != nil }

    /// Puts it at the end, also where it is there already.
    mutating func append(_ element: Element) {
        remove(element)
        if line.count > 2 * count + 16 { closeGaps() }
        places[element] = line.count
        line.append(element)
    }

    /// - Returns: whether it was there.
    @discardableResult
    mutating func remove(_ element: Element) -> Bool {
        guard let place = places.removeValue(forKey: element) else { return false }
        line[place] = nil
        while head < line.count, line[head] == nil { head += 1 }
        return true
    }

    private mutating func closeGaps() {
        line = line.filter { $0 != nil }
        head = 0
        for (place, element) in line.enumerated() { if let element { places[element] = place } }
    }
}
