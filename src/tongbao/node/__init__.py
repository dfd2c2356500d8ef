"""The node: storage, the application that applies blocks, and the engines that order them."""
