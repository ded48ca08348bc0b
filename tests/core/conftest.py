"""diffprivlib is loaded as the product loads it, so that tests can import it under any version."""

import core.learning.noise_library  # noqa: F401
