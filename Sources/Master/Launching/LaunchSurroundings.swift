import Access
import Glibc
import LaunchedWorkers
import LocalMachine

/// What a launched worker finds around it: variables, and a folder of its own with what should not be in them.
struct LaunchSurroundings {
    let worker: LaunchedWorker
    let place: LaunchDesk.MasterPlace
    /// Whoever launched it: the master of those products' examples.
    let requester: String
    let folder: String
    /// nil where the master lets everybody in.
    let secret: JoinSecret?

    private var certificatePath: String? { place.certificate == nil ? nil : folder + "/master.pem" }
    private var joinPath: String? { place.joinLine == nil || secret == nil ? nil : folder + "/join" }

    func make() throws(LocalStateError) {
        guard mkdir(folder, 0o700) == 0 else {
            throw .cannotWrite(path: folder, errorNumber: errno)
        }
        if let certificatePath, let text = place.certificate {
            try PrivateFile.write(certificatePath, Array(text.utf8))
        }
        if let joinPath, let secret, let line = place.joinLine?(secret) {
            try PrivateFile.write(joinPath, Array((line + "\n").utf8))
        }
    }

    /// What whoever launches it has given it goes before those of other products, and never before this project's own.
    var variables: [String: [UInt8]] {
        var texts: [String: String] = [:]
        for product in ["CDSW", "CML"] {
            texts["\(product)_MASTER_IP"] = requester
            texts["\(product)_MASTER_PORT"] = "\(place.port)"
            texts["\(product)_ENGINE_ID"] = worker.engineID
            texts["\(product)_IP_ADDRESS"] = place.host
        }
        var variables = texts.mapValues { Array($0.utf8) }
        variables.merge(worker.order.environment) { _, own in own }
        let fixed: [String: String?] = [
            "MR_MASTER_URL": place.url, "MR_MASTER_IP": place.host, "MR_MASTER_PORT": "\(place.port)",
            "MR_WORKER_ID": "\(worker.id.number)", "MR_TOKEN": secret?.text, "MR_MASTER_CA": certificatePath,
            "MR_JOIN_FILE": joinPath,
        ]
        for case (let name, let text?) in fixed { variables[name] = Array(text.utf8) }
        return variables
    }
}
