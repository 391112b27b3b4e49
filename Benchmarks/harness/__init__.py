"""Runs the project and its peers on the same data, one after the other, and compares time, memory and output."""
