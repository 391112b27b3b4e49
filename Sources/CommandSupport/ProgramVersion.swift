package enum ProgramVersion {
    package static let current = "0.5.0"
}
