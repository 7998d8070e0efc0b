//! Formats outside the Python family: R, Java, MATLAB, programs, and what runtimes of vendors read.

mod executables;
mod java;
mod mat;
mod protobufs;
mod vendors;
