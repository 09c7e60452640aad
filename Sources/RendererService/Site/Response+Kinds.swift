import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    static func html(_ text: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        .text(text, type: "text/html; charset=utf-8", status: status, headers: headers)
    }

    static func json(_ text: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        .text(text, type: "application/json", status: status, headers: headers)
    }

    static func plain(_ text: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.cacheControl] = "no-store"
        return .text(text, type: "text/plain; charset=utf-8", status: status, headers: headers)
    }

    /// - Parameter location: a path on this server.
    static func redirect(_ status: HTTPResponse.Status, to location: String) -> Response {
        Response(status: status, headers: [.location: location, .cacheControl: "no-store"])
    }

    static func text(
        _ text: String, type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        // Pages and answers change with the store: ask each time, the ETag makes it cheap.
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-cache" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
