// Package process holds the commands about processes (ps, kill, pgrep, waitpid …) and those
// that start a program in another way (env, nice, nohup, setsid, timeout …). A prefix command
// edits a proc.Spec.
package process
