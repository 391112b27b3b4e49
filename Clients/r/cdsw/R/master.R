# Where the master is: $MR_MASTER_URL, which launched workers have; else at $MR_MASTER (HOST:PORT); else it is the only one
# of this user on this machine, or the one at 127.0.0.1:8000.

# A list of url, token and authority (a file with certificates); the last two may be "".
find.master <- function() {
    url <- Sys.getenv("MR_MASTER_URL")
    if (nzchar(url)) return(list(url = url, token = Sys.getenv("MR_TOKEN"), authority = Sys.getenv("MR_MASTER_CA")))
    folder <- state.folder()
    masters <- masters.in(folder)
    wanted <- Sys.getenv("MR_MASTER", if (length(masters) == 1) names(masters) else "127.0.0.1:8000")
    port <- sub("^.*:", "", wanted)
    host <- sub(":[^:]*$", "", wanted)
    place <- intersect(c(wanted, paste0("0.0.0.0:", port), paste0("[::]:", port)), names(masters))
    if (length(place) == 0) {
        known <- if (length(masters) > 0) paste0("; those that have left word: ", paste(sort(names(masters)), collapse = ", "))
        stop(
            "no master of this user listens on ", wanted,
            ": start one with mr-master --serve --allow-launch, or name it with $MR_MASTER", known, call. = FALSE)
    }
    lines <- masters[[place[1]]]
    if (host %in% c("0.0.0.0", "[::]")) host <- "127.0.0.1"
    # The certificate that the master gave itself; one of its user's own is for $MR_MASTER_CA, or the system's authorities.
    made <- file.path(folder, "tls", "cert.pem")
    authority <- Sys.getenv("MR_MASTER_CA")
    if (!nzchar(authority) && file.exists(made)) authority <- made
    scheme <- if (is.null(lines$tls)) "http" else "https"
    token <- if (is.null(lines$token)) "" else lines$token
    list(url = paste0(scheme, "://", host, ":", port, "/RPC2"), token = token, authority = authority)
}

state.folder <- function() {
    own <- Sys.getenv("MR_STATE_DIR")
    if (nzchar(own)) return(own)
    state <- Sys.getenv("XDG_STATE_HOME")
    file.path(if (nzchar(state)) state else path.expand("~/.local/state"), "swift-mapreduce")
}

# What masters of the same user have left there, by HOST:PORT.
masters.in <- function(folder) {
    masters <- list()
    for (name in grep("-[0-9]+$", list.files(folder, all.files = TRUE), value = TRUE)) {
        lines <- record(file.path(folder, name))
        # A master that was killed leaves its word behind, and a stranger may listen where it did.
        if (length(lines) == 0 || !file.exists(file.path("/proc", as.character(lines$process)))) next
        host <- sub("-[0-9]+$", "", name)
        if (grepl(":", host, fixed = TRUE)) host <- paste0("[", host, "]")
        masters[[paste0(host, ":", sub("^.*-", "", name))]] <- lines
    }
    masters
}

# The lines of such a file; none where it is not for this user alone, or gone meanwhile.
record <- function(path) {
    status <- file.info(path, extra_cols = TRUE)
    # R can't ask for its own user, but what it has made itself is that user's.
    if (is.na(status$size) || status$isdir || !identical(status$uid, file.info(tempdir())$uid)) return(list())
    if (bitwAnd(as.integer(status$mode), 63L) != 0) return(list())
    lines <- tryCatch(suppressWarnings(readLines(path, 64)), error = function(problem) character())
    as.list(structure(sub("^[^ ]* ?", "", lines), names = sub(" .*$", "", lines)))
}
