/// Lines by their slots, a few to a page. Whoever joins a mesh meets hundreds of switches and keeps lines with twenty, which
/// are scattered over all slots by then; the memory of pages without a line is given back.
///
/// A slot that holds no line can be read and written like any other: there is a closed line, and what is written to it
/// means nothing.
struct LineSlots: Sendable {
    private static let shift = 2
    private static let pageSize = 1 << shift
    /// All pages without a line share this one.
    private static let emptyPage = [Line](repeating: .closed, count: pageSize)

    private(set) var pages: [[Line]] = []
    /// No page before this one has room.
    private var firstWithRoom = 0

    /// Slots that were ever used and not given up since.
    var count: Int { pages.count << LineSlots.shift }

    subscript(slot: Int) -> Line {
        _read { yield pages[slot >> LineSlots.shift][slot & (LineSlots.pageSize - 1)] }
        _modify { yield &pages[slot >> LineSlots.shift][slot & (LineSlots.pageSize - 1)] }
    }

    /// Puts a line into the first slot that is free.
    mutating func open(_ line: Line) -> Int {
        while firstWithRoom < pages.count {
            if let place = pages[firstWithRoom].firstIndex(where: { !$0.isOpen }) {
                pages[firstWithRoom][place] = line
                return firstWithRoom << LineSlots.shift | place
            }
            firstWithRoom += 1
        }
        pages.makeRoom()
        pages.append(LineSlots.emptyPage)
        pages[firstWithRoom][0] = line
        return firstWithRoom << LineSlots.shift
    }

    mutating func close(_ slot: Int) {
        let page = slot >> LineSlots.shift
        self[slot].isOpen = false
        if !LineSlots.isInUse(pages[page]) { pages[page] = LineSlots.emptyPage }
        firstWithRoom = min(firstWithRoom, page)
    }

    /// Gives up the free slots at the end.
    mutating func trim() {
        let kept = (pages.lastIndex(where: LineSlots.isInUse) ?? -1) + 1
        guard kept < pages.count else { return }
        pages.removeSubrange(kept...)
        firstWithRoom = min(firstWithRoom, kept)
        pages.giveBackRoom()
    }

    static func isInUse(_ page: [Line]) -> Bool { page.contains(where: \.isOpen) }
}
