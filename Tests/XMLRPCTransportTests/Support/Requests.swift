import XMLRPC

/// Requests as text.
enum Requests {
    static let echo = document("echo", "<string>hello</string>")

    static func document(_ method: String, _ value: String) -> String {
        "<?xml version=\"1.0\"?><methodCall><methodName>\(method)</methodName>"
            + "<params><param><value>\(value)</value></param></params></methodCall>"
    }

    static func post(_ body: String, headers: [String] = [], path: String = "/RPC2") -> String {
        let lines =
            ["POST \(path) HTTP/1.1", "Host: localhost", "Content-Type: text/xml"]
            + ["Content-Length: \(body.utf8.count)"] + headers
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    static func get(_ path: String, headers: [String] = [], method: String = "GET") -> String {
        (["\(method) \(path) HTTP/1.1", "Host: localhost"] + headers).joined(separator: "\r\n") + "\r\n\r\n"
    }
}
