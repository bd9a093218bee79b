// @ts-check
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { UndirectedGraph } from 'graphology';
import louvainModule from 'graphology-communities-louvain';

// JavaScript, because Node 20 starts no thread from TypeScript: it is loaded as it is from the sources and from a build.

// The package is CommonJS whose export is the function itself; its types describe an ES module.
const louvain = /** @type {typeof louvainModule.default} */ (/** @type {unknown} */ (louvainModule));

/**
 * A network of nodes 0 to n - 1, each in at least one link.
 * @typedef {object} Network
 * @property {Uint32Array} ends the two nodes of each link, one link after the other; nodes appear in their order
 * @property {Float64Array} weights of the links, in (0, 1]
 */

/**
 * The community of each node, by Louvain (Blondel et al. 2008). Nodes are visited in order instead of at random: the same
 * network gives the same labels.
 * @param {Network} network
 * @returns {Uint32Array}
 */
export function labelNodes({ ends, weights }) {
  const graph = new UndirectedGraph();
  for (const [link, weight] of weights.entries()) {
    const [a, b] = ends.subarray(2 * link);
    graph.mergeNode(a);
    graph.mergeNode(b);
    graph.mergeUndirectedEdge(a, b, { weight });
  }
  const labels = louvain(graph, { getEdgeWeight: 'weight', randomWalk: false });
  return Uint32Array.from({ length: graph.order }, (_, node) => labels[node] ?? 0);
}

// As a thread of its own it labels the one network that it was given.
if (!isMainThread && workerData instanceof Object && 'ends' in workerData) {
  parentPort?.postMessage(labelNodes(/** @type {Network} */ (workerData)));
}
