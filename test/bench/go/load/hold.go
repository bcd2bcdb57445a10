package main

import (
	"errors"
	"fmt"
	"io"
	"time"
)

const dialedAtOnce = 64

// hold opens connections, has each answered once, and keeps them. Of a stream it reads whatever comes.
func hold(j job, expected *expectation) {
	held := make([]*connection, j.Connections)
	slots := make(chan struct{}, dialedAtOnce)
	for index := range held {
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			c, err := dial(j.Address)
			if err == nil && j.Mode == "hold" {
				err = answeredOnce(c, j.Request, expected)
			} else if err == nil {
				err = streaming(c, j)
			}
			if err != nil {
				fail(fmt.Errorf("connection %d: %w", index, err))
			}
			held[index] = c
		}()
	}
	for range dialedAtOnce {
		slots <- struct{}{}
	}
	tell(event{Event: "held"})
	for _, c := range held {
		go drain(c)
	}
}

func answeredOnce(c *connection, request []byte, expected *expectation) error {
	status, body, err := c.exchange(request)
	if err != nil {
		return err
	}
	return expected.check(status, body)
}

// streaming waits for the head and the first part of a stream.
func streaming(c *connection, j job) error {
	if err := c.socket.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := c.socket.Write(j.Request); err != nil {
		return err
	}
	status, _, err := c.head()
	if err == nil && status != j.Status {
		err = fmt.Errorf("answered %d instead of %d", status, j.Status)
	}
	if err != nil {
		return err
	}
	_, err = c.reader.ReadSlice('\n')
	return err
}

// drain fails when the gateway closes what is to be held.
func drain(c *connection) {
	_ = c.socket.SetDeadline(time.Time{})
	if _, err := io.Copy(io.Discard, c.reader); err != nil {
		fail(err)
	}
	fail(errors.New("the gateway closed a connection that was to be held"))
}
