"""ONNX, opened in the process with limits."""
