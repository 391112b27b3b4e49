# Messages between launched workers and whoever launches them.

send.message <- function(to, value) {
    invisible(call.master("send_message", worker.ids(to)[[1]], value, own.name("from")))
}

receive.message <- function(timeout = NULL) {
    end <- if (is.null(timeout)) Inf else monotonic() + timeout
    repeat {
        left <- min(held.back.max, max(0, end - monotonic()))
        query <- c(own.name("to"), timeout = left, acknowledge = received$number)
        answer <- call.master("receive_message", query, held.back = left)
        if (length(answer) > 0) {
            received$number <- answer$number
            return(list(sender = answer$from, value = answer$value))
        }
        if (monotonic() >= end) return(NULL)
    }
}

# The number of the last message that has arrived: a message stays with the master until the next call has said so.
received <- new.env()
received$number <- 0L

# So that the next who receives in this name begins after the last message.
acknowledge <- function(received) {
    if (received$number == 0) return()
    # A master that is gone has taken its mailboxes with it.
    try(call.master("receive_message", c(own.name("to"), timeout = 0, acknowledge = received$number)), silent = TRUE)
}

.onLoad <- function(libname, pkgname) reg.finalizer(received, acknowledge, onexit = TRUE)

# In whose name this script speaks, where its secret does not say so.
own.name <- function(member) {
    id <- Sys.getenv("MR_WORKER_ID")
    structure(if (nzchar(id)) list(as.integer(id)) else list(), names = if (nzchar(id)) member else character())
}
