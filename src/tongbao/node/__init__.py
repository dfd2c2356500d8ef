"""The node: storage, the application that carries out blocks, and the engines that order them."""
