/// One open element.
struct Frame {
    let place: Place
    /// Which kinds of children it has had.
    var seen: Seen = []
    /// Where its values begin in the reader's stack of values.
    let valueStart: Int
    /// Where its member names begin in the reader's stack of names.
    let nameStart: Int

    struct Seen: OptionSet {
        let rawValue: UInt8
        static let content = Seen(rawValue: 1)
        static let name = Seen(rawValue: 2)
    }

    /// What the element should have held and does not; for faults.
    var missing: String {
        switch place {
        case .methodCall: "a methodName"
        case .methodResponse: "a params or a fault"
        case .callParams, .responseParams: "a param"
        case .array: "a data"
        case .member where !seen.contains(.name): "a name"
        case .param, .fault, .member, .methodName, .name, .scalar, .nil, .value, .structure, .data: "a value"
        }
    }
}

/// What an open element is, and the grammar.
///
///     methodCall      methodName and params?, in either order
///     methodResponse  params | fault
///     params          param*  (in a response: exactly one)
///     param, fault    value
///     value           text | one type element
///     array           data          data    value*
///     struct          member*       member  name and value, in either order
enum Place: Equatable {
    case methodCall, methodName, methodResponse, fault, callParams, responseParams, param, value
    case structure, member, name, array, data, `nil`
    case scalar(ScalarType)

    struct Child {
        let place: Place
        let mark: Frame.Seen
        var mayRepeat = false
    }

    /// What a child element becomes here; nil if the element can't hold it.
    func child(_ element: Element) -> Child? {
        switch self {
        case .value: typeElement(element)
        case .param, .fault: element == .value ? Child(place: .value, mark: .content) : nil
        case .data: element == .value ? Child(place: .value, mark: .content, mayRepeat: true) : nil
        case .structure: element == .member ? Child(place: .member, mark: .content, mayRepeat: true) : nil
        case .member:
            switch element {
            case .name: Child(place: .name, mark: .name)
            case .value: Child(place: .value, mark: .content)
            default: nil
            }
        case .array: element == .data ? Child(place: .data, mark: .content) : nil
        case .callParams: element == .param ? Child(place: .param, mark: .content, mayRepeat: true) : nil
        case .responseParams: element == .param ? Child(place: .param, mark: .content) : nil
        case .methodCall:
            switch element {
            case .methodName: Child(place: .methodName, mark: .name)
            case .params: Child(place: .callParams, mark: .content)
            default: nil
            }
        case .methodResponse:
            switch element {
            case .params: Child(place: .responseParams, mark: .content)
            case .fault: Child(place: .fault, mark: .content)
            default: nil
            }
        case .methodName, .name, .nil, .scalar: nil
        }
    }

    private func typeElement(_ element: Element) -> Child? {
        switch element {
        case .scalar(let type): Child(place: .scalar(type), mark: .content)
        case .structure: Child(place: .structure, mark: .content)
        case .array: Child(place: .array, mark: .content)
        case .nil: Child(place: .nil, mark: .content)
        case .methodCall, .methodName, .methodResponse, .fault, .params, .param, .value, .member, .name, .data: nil
        }
    }

    /// The children that the element can't end without.
    var required: Frame.Seen {
        switch self {
        case .methodCall: .name
        case .methodResponse, .responseParams, .param, .fault, .array: .content
        case .member: [.name, .content]
        case .callParams, .methodName, .name, .scalar, .nil, .value, .structure, .data: []
        }
    }

    /// For faults.
    var name: String {
        switch self {
        case .methodCall: "a methodCall"
        case .methodName: "a methodName"
        case .methodResponse: "a methodResponse"
        case .fault: "a fault"
        case .callParams, .responseParams: "a params"
        case .param: "a param"
        case .value: "a value"
        case .structure: "a struct"
        case .member: "a member"
        case .name: "a name"
        case .array: "an array"
        case .data: "a data"
        case .nil: "a nil"
        case .scalar: "a scalar"
        }
    }
}
