import Glibc
import XMLRPCTransport

/// A route that stores uploads in a file and remembers how they ended.
struct UploadRecorder: Sendable {
    let file: ScratchFile
    let opened = EventList<Int64?>()
    let finished = EventList<Int64>()
    let discarded = EventList<Bool>()

    init(_ file: ScratchFile) {
        self.file = file
    }

    func route(byteCountMax: Int64) -> Route {
        .put("/upload") { request in
            opened.append(request.byteCount)
            let descriptor = try file.duplicate()
            return .accept(
                Upload(
                    descriptor: descriptor, byteCountMax: byteCountMax,
                    finish: { byteCount in
                        close(descriptor)
                        finished.append(byteCount)
                        return .status(201, "stored")
                    },
                    discard: {
                        close(descriptor)
                        discarded.append(true)
                    }))
        }
    }
}
