import NIOCore

/// The status line and headers of an answer.
struct AnswerHead {
    var status: Int
    /// nil leaves out Content-Type.
    var contentType: String?
    /// nil for a body in chunks, which `furtherLines` must say.
    var byteCount: Int64?
    var keepsConnection: Bool
    /// Each with its line end.
    var furtherLines = ""

    func write(into buffer: inout ByteBuffer, date: String) {
        if status == 200 {
            buffer.writeStaticString("HTTP/1.1 200 OK\r\nDate: ")
        } else {
            buffer.writeString("HTTP/1.1 \(status) \(StatusPhrase.of(status))\r\nDate: ")
        }
        buffer.writeString(date)
        if let contentType {
            buffer.writeStaticString("\r\nContent-Type: ")
            buffer.writeString(contentType)
        }
        if let byteCount, AnswerHead.hasLength(status) {
            buffer.writeStaticString("\r\nContent-Length: ")
            buffer.writeString(String(byteCount))
        }
        buffer.writeStaticString(keepsConnection ? "\r\n" : "\r\nConnection: close\r\n")
        buffer.writeString(furtherLines)
        buffer.writeStaticString("\r\n")
    }

    /// 1xx and 204 have neither body nor length (RFC 9110, section 8.6).
    static func hasLength(_ status: Int) -> Bool { status >= 200 && status != 204 }
}
