import Bus

extension Hub {
    /// A message from somebody whose role has no right to it.
    mutating func notAllowed(
        _ message: BusMessage, role: String, from peer: RoutingID, into effects: inout [HubEffect]
    ) {
        counters.notAllowed += 1
        effects.append(
            .send(
                .problem(
                    request: message.request, code: "not_allowed",
                    text: "this key has the role \(role), which may not send that to the router"), to: peer))
    }
}

extension BusMessage {
    /// What the sender waits for, where this is a request to the router.
    fileprivate var request: RequestID? {
        switch self {
        case .publish(let publish): publish.request
        case .follow(let request, _), .unfollow(let request), .directoryRequest(let request),
            .statusRequest(let request), .deadLettersRequest(let request, _), .query(let request, _):
            request
        default: nil
        }
    }
}
