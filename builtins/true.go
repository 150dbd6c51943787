package builtins

// runTrue is true(1).
func runTrue(*Call) int { return 0 }

// runFalse is false(1).
func runFalse(*Call) int { return 1 }
