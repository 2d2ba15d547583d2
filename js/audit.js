'use strict';

// Tells who wants to know of each decision about an import: the option onAudit,
// and whoever subscribes to the channel of node:diagnostics_channel.

const { channel } = require('node:diagnostics_channel');

const audit = channel('wasmgate:audit');

/** Whether anybody wants the decisions. */
const wanted = (onAudit) => onAudit !== undefined || audit.hasSubscribers;

/**
 * Reports decisions of go/caps, each a frozen { import, grant, allowed, reason }.
 * What onAudit throws comes out, and those that follow are reported no more; what a
 * subscriber throws is the process's, as always with channels.
 */
function report(decisions, onAudit) {
  for (const decision of decisions) {
    Object.freeze(decision);
    if (audit.hasSubscribers) audit.publish(decision);
    onAudit?.(decision);
  }
}

module.exports = { report, wanted };
