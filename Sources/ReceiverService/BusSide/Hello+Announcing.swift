import Bus

extension Hello {
    /// The same with the endpoints as they were bound in the end: the system chooses ports.
    func announcing(query: String?, feed: String?) -> Hello {
        Hello(
            receiver: receiver, store: store, queryEndpoint: query ?? queryEndpoint, feedEndpoint: feed ?? feedEndpoint,
            channels: channels, credit: credit, version: version, key: key)
    }
}
