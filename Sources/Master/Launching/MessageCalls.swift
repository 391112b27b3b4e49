import Access
import LaunchedWorkers
import LocalMachine
import WorkerProtocol
import XMLRPC

/// Messages between whoever launches workers and the workers, and among these.
struct MessageCalls {
    /// nil where nothing is launched.
    let desk: LaunchDesk?

    var methods: [Method] { [send, receive] }

    /// Of one message's value.
    static let valueByteCountMax = 1 << 20

    private var send: Method {
        Method(
            name: MethodName.sendMessage,
            signatures: [],
            help: """
                Leaves a message for a launched worker, or for whoever launches them. Takes the receiver (an id, an engine id, or "master"), a value of any type (up to \
                \(Self.valueByteCountMax) bytes), and, if it likes, a struct: key (string of up to \(Mailboxes.keyByteCountMax) bytes: the same as with the sender's last message to this receiver means that it is that message again, and it is kept once) and from (the id of \
                a launched worker, for callers with the role admin, who send as "master" otherwise; the token of a launched worker says it by itself). Messages of one sender to one \
                receiver arrive in their order, and are kept until they are received: up to \(Mailboxes.messageCountMax) for each receiver, of \(Mailboxes.byteCountMax) bytes in all; more are refused. Answers true.
                """
        ) { parameters, caller in
            let desk = try LaunchCalls.desk(desk)
            _ = try Self.grant(of: caller)
            guard (2...3).contains(parameters.count) else {
                throw CallFault.invalid("send_message takes a receiver, a value, and perhaps a struct")
            }
            let fields = try Fields(parameters.count > 2 ? parameters[2] : .structure([:]), in: "send_message")
            let from = try Self.address(fields, "from", caller, in: desk)
            let byteCount = parameters[1].byteCount
            guard byteCount <= Self.valueByteCountMax else {
                throw LaunchFault.refused(
                    "this message takes \(byteCount) bytes, and \(Self.valueByteCountMax) are the most; put it into a file, and send its name"
                )
            }
            let key = fields.has("key") ? try fields.string("key", byteCountMax: Mailboxes.keyByteCountMax) : nil
            try desk.send(
                parameters[1], byteCount: byteCount, from: from, to: Self.address(parameters[0], in: desk), key: key)
            return .boolean(true)
        }
    }

    private var receive: Method {
        Method(
            name: MethodName.receiveMessage, signatures: [[.structure, .structure]],
            help: """
                Takes the first message that waits for the caller, or waits for one. Takes a struct, each member of which may be left out: timeout (double: how many \
                seconds the answer may be held back, \(LaunchCalls.secondsMax) at most; 0), acknowledge (int: the number of the last message that has arrived, 0 for none: the next is answered again and again until it is acknowledged in its turn. Without it \
                a message goes as it is answered, and is lost when the answer is) and to (the id of a launched worker, for callers with the role admin, who receive what is for "master" otherwise). \
                Answers a struct: number (int, from 1), from (int: the id of a launched worker, or the string "master") and value; an empty one when the time is over, or another call receives in the same name.
                """
        ) { parameters, caller, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let desk = try LaunchCalls.desk(desk)
                _ = try Self.grant(of: caller)
                let fields = try Fields(parameters[0], in: "receive_message")
                let limit =
                    fields.has("timeout")
                    ? try fields.seconds("timeout", max: LaunchCalls.waitMax / .seconds(1)) : .zero
                let acknowledged =
                    fields.has("acknowledge") ? try fields.int("acknowledge", in: 0...Int(Int32.max)) : nil
                let address = try Self.address(fields, "to", caller, in: desk)
                desk.receive(address, acknowledged: acknowledged, within: limit, callerID: caller.id) { result in
                    reply(result.map { $0.map(\.answer) ?? .structure([:]) })
                }
            }
        }
    }

    /// Whether a caller may send and receive at all: asked before anything that he says is looked at.
    private static func grant(of caller: Caller) throws(XMLRPCFault) -> Grant {
        guard let grant = Grant(caller.role), grant.role == .admin || grant.launched != nil else {
            throw XMLRPCFault(
                code: FaultCode.forbidden,
                message: "messages are for launched workers, by their own tokens, and for the role admin")
        }
        return grant
    }

    /// In whose name a caller sends or receives.
    private static func address(
        _ fields: Fields, _ member: String, _ caller: Caller, in desk: LaunchDesk
    ) throws(XMLRPCFault) -> MailAddress {
        let grant = try grant(of: caller)
        let own = grant.launched.map { MailAddress.worker(LaunchID(number: $0)) }
        guard fields.has(member) else { return own ?? .master }
        let named = try address(fields.required(member), in: desk)
        guard own == nil || own == named else {
            throw XMLRPCFault(
                code: FaultCode.forbidden, message: "this token is for \(own ?? named), and not for \(named)")
        }
        return named
    }

    private static func address(_ value: XMLRPCValue, in desk: LaunchDesk) throws(XMLRPCFault) -> MailAddress {
        guard let name = value.launchName else {
            throw CallFault.invalid("a receiver or sender is an id (int), an engine id, or \"master\"")
        }
        if name == "master" { return .master }
        guard let worker = desk.worker(named: name) else {
            throw LaunchFault.refused(
                "there is no launched worker '\(DisplayName.of(Array(name.utf8)))'; \(LaunchFault.whereToLook)")
        }
        return .worker(worker.id)
    }
}

extension Mailboxes.Message {
    fileprivate var answer: XMLRPCValue {
        let sender: XMLRPCValue =
            switch from {
            case .master: .string("master")
            case .worker(let id): .int(Int32(clamping: id.number))
            }
        return .structure(["number": .int(Int32(clamping: number)), "from": sender, "value": value])
    }
}
