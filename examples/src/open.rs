//! Opening what the command line names.
