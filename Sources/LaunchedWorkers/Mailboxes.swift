package import XMLRPC

/// Who sends and receives messages: the one who launches, and each launched worker.
package enum MailAddress: Hashable, Sendable, CustomStringConvertible {
    case master
    case worker(LaunchID)

    package var description: String {
        switch self {
        case .master: "the master"
        case .worker(let id): "\(id)"
        }
    }
}

/// Messages that wait for whom they are for, in the order in which they came: so in order for each pair.
package struct Mailboxes: Sendable {
    package struct Message: Hashable, Sendable {
        /// From 1 in each mailbox, without gaps.
        package let number: Int
        package let from: MailAddress
        package let value: XMLRPCValue
        let byteCount: Int
    }

    private struct Mailbox {
        var messages: [Message] = []
        var byteCount = 0
        var lastNumber = 0
        /// The newest key of each sender.
        var keys: [MailAddress: String] = [:]
    }

    private var mailboxes: [MailAddress: Mailbox] = [:]

    package static let messageCountMax = 1_024
    package static let byteCountMax = 16 << 20
    package static let keyByteCountMax = 64

    package init() {}

    /// - Parameters:
    ///   - key: Of the sender's own making: the same as the last one again is the same message again, which is kept once.
    ///   - byteCount: What the value takes, nearly.
    /// - Returns: Whether it was new.
    @discardableResult
    package mutating func put(
        _ value: XMLRPCValue, byteCount: Int, from: MailAddress, to: MailAddress, key: String? = nil
    ) throws(MailRefusal) -> Bool {
        var mailbox = mailboxes[to] ?? Mailbox()
        if let key, mailbox.keys[from] == key { return false }
        guard mailbox.messages.count < Self.messageCountMax, mailbox.byteCount + byteCount <= Self.byteCountMax else {
            throw MailRefusal(
                to: to, messageCount: mailbox.messages.count, byteCount: mailbox.byteCount, wanted: byteCount)
        }
        mailbox.lastNumber += 1
        mailbox.messages.append(
            Message(number: mailbox.lastNumber, from: from, value: value, byteCount: byteCount))
        mailbox.byteCount += byteCount
        mailbox.keys[from] = key
        mailboxes[to] = mailbox
        return true
    }

    /// The first message that waits.
    ///
    /// - Parameter acknowledged: The number of the last message that has arrived: it and those before it go, and the next stays
    ///   until it is acknowledged in its turn. nil: the message goes as it is taken, and is lost with the answer that carries it.
    package mutating func take(by address: MailAddress, acknowledged: Int?) -> Message? {
        guard var mailbox = mailboxes[address] else { return nil }
        defer { mailboxes[address] = mailbox }
        if let acknowledged {
            let gone = mailbox.messages.prefix { $0.number <= acknowledged }
            mailbox.byteCount -= gone.reduce(0) { $0 + $1.byteCount }
            mailbox.messages.removeFirst(gone.count)
            return mailbox.messages.first
        }
        guard let message = mailbox.messages.first else { return nil }
        mailbox.messages.removeFirst()
        mailbox.byteCount -= message.byteCount
        return message
    }

    /// Forgets what waits for somebody who is gone.
    package mutating func close(_ address: MailAddress) {
        mailboxes[address] = nil
        for other in mailboxes.keys { mailboxes[other]?.keys[address] = nil }
    }
}

/// A mailbox has no room.
package struct MailRefusal: Error, Hashable, CustomStringConvertible {
    let to: MailAddress
    let messageCount: Int
    let byteCount: Int
    let wanted: Int

    package var description: String {
        "no room for a message of \(wanted) bytes: \(messageCount) messages of \(byteCount) bytes wait for \(to), and "
            + "\(Mailboxes.messageCountMax) messages or \(Mailboxes.byteCountMax) bytes are the most; send it again when some were received"
    }
}

extension XMLRPCValue {
    /// What it takes in memory and on the wire, nearly; no less than 16 bytes for each value in it.
    package var byteCount: Int {
        switch self {
        case .string(let text): 16 + text.utf8.count
        case .base64(let bytes): 16 + bytes.count
        case .array(let items): items.reduce(16) { $0 + $1.byteCount }
        case .structure(let members): members.reduce(16) { $0 + $1.key.utf8.count + $1.value.byteCount }
        default: 16
        }
    }
}
