/// Lines by their slots, a few to a page. Whoever joins a mesh meets hundreds of switches and keeps lines with twenty, which
/// are scattered over all slots by then; the memory of pages without a line is given back.
///
/// A slot that holds no line can be read and written like any other: there is a closed line, and what is written to it
/// means nothing.
struct LineSlots: Sendable {
    private static let shift = 2
    private static let pageSize = 1 << shift
    private static let isFull: UInt8 = (1 << pageSize) - 1
    /// All pages without a line share this one.
    private static let emptyPage = [Line](repeating: .closed, count: pageSize)

    private var pages: [[Line]] = []
    /// One bit for each slot of a page that holds a line.
    private var used: [UInt8] = []
    /// No page before this one has room.
    private var firstWithRoom = 0

    /// Slots that were ever used and not given up since.
    var count: Int { pages.count << LineSlots.shift }

    /// How many pages hold lines.
    var pagesInUse: Int { used.count { $0 != 0 } }

    subscript(slot: Int) -> Line {
        _read { yield pages[slot >> LineSlots.shift][slot & (LineSlots.pageSize - 1)] }
        _modify { yield &pages[slot >> LineSlots.shift][slot & (LineSlots.pageSize - 1)] }
    }

    /// Puts a line into the first slot that is free.
    mutating func open(_ line: Line) -> Int {
        while firstWithRoom < pages.count, used[firstWithRoom] == LineSlots.isFull { firstWithRoom += 1 }
        if firstWithRoom == pages.count {
            pages.makeRoom()
            pages.append(LineSlots.emptyPage)
            used.append(0)
        }
        let place = (~used[firstWithRoom]).trailingZeroBitCount
        used[firstWithRoom] |= 1 << place
        pages[firstWithRoom][place] = line
        return firstWithRoom << LineSlots.shift | place
    }

    /// Frees a slot.
    mutating func close(_ slot: Int) {
        let page = slot >> LineSlots.shift
        used[page] &= ~(1 << (slot & (LineSlots.pageSize - 1)))
        if used[page] == 0 { pages[page] = LineSlots.emptyPage }
        firstWithRoom = min(firstWithRoom, page)
    }

    /// Gives up the free slots at the end.
    mutating func trim() {
        let kept = (used.lastIndex { $0 != 0 } ?? -1) + 1
        guard kept < pages.count else { return }
        pages.removeSubrange(kept...)
        used.removeSubrange(kept...)
        firstWithRoom = min(firstWithRoom, kept)
        pages.giveBackRoom()
        used.giveBackRoom()
    }
}
