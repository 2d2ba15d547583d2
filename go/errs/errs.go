// Package errs holds the one table of error codes and the error type that
// carries them from Go to JavaScript. It imports nothing of the project.
package errs

//go:generate go run ./gen

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// Error is an error with a stable code. Detail is copied, as JSON, onto the
// JavaScript error as properties.
type Error struct {
	Code   Code
	Msg    string
	Detail map[string]any
	Cause  error
}

// New makes an Error with a formatted message; %w keeps the cause.
func New(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Msg: err.Error(), Cause: errors.Unwrap(err)}
}

// With adds a property for the JavaScript error and returns e.
func (e *Error) With(key string, value any) *Error {
	if e.Detail == nil {
		e.Detail = map[string]any{}
	}
	e.Detail[key] = value
	return e
}

func (e *Error) Error() string { return e.Msg }

func (e *Error) Unwrap() error { return e.Cause }

// From finds the coded error in err's chain; an error without a code is a
// defect of ours and becomes ERR_INTERNAL.
func From(err error) *Error {
	var coded *Error
	if errors.As(err, &coded) {
		return coded
	}
	return &Error{Code: Internal, Msg: err.Error(), Cause: err}
}

// Recovered turns a recovered panic value into ERR_INTERNAL with the Go stack.
func Recovered(value any) *Error {
	return New(Internal, "panic in the Go runtime: %v", value).With("goStack", string(debug.Stack()))
}
