package shell

type difference struct{ reason, script, want string }

var differences = []difference{}
