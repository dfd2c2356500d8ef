"""What every command shares of the terminal: output, languages, help, options, errors."""
