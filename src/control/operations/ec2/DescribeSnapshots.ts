import { invalidParameterCombination } from "../../errors.ts";
import type { FilterTable } from "../../filters.ts";
import type { Snapshot } from "../../models/ec2.ts";
import type { Ec2Operation } from "./ec2-operation.ts";
import { filteredPage } from "./filtered-page.ts";
import { chosen } from "./record-lookup.ts";
import { describeSnapshot } from "./images/snapshot-description.ts";
import { accountsOf } from "./images/user-ids.ts";

/**
 * Snapshots by id, owner and filter; in pages.
 *
 * Gap: all are the account's own, and nobody else may use them.
 */
export const DescribeSnapshots: Ec2Operation<"DescribeSnapshots"> = {
	run({ SnapshotIds, OwnerIds, RestorableByUserIds, Filters, MaxResults, NextToken }, call) {
		if (MaxResults !== undefined && SnapshotIds !== undefined) {
			throw invalidParameterCombination("The parameter snapshotSet cannot be used with the parameter maxResults");
		}
		const { accountId } = call.account;
		const owners = accountsOf(OwnerIds, { accountId, words: ["amazon"] }) ?? [accountId];
		const users = accountsOf(RestorableByUserIds, { accountId, words: ["all"] }) ?? [accountId];
		const snapshots =
			SnapshotIds === undefined ? [...call.records.snapshot.values()] : chosen("snapshot", SnapshotIds, call.records.snapshot);
		const isAsked = owners.includes(accountId) && users.includes(accountId);
		const described = isAsked ? snapshots.map((snapshot) => describeSnapshot(snapshot, call)) : [];
		const { items, nextToken } = filteredPage(described, { Filters, MaxResults, NextToken }, FILTERS, ({ SnapshotId }) => SnapshotId);
		return { Snapshots: items, NextToken: nextToken };
	},
};

const FILTERS: FilterTable<Snapshot> = {
	description: ({ Description }) => Description,
	encrypted: ({ Encrypted }) => Encrypted,
	"owner-alias": ({ OwnerAlias }) => OwnerAlias,
	"owner-id": ({ OwnerId }) => OwnerId,
	progress: ({ Progress }) => Progress,
	"snapshot-id": ({ SnapshotId }) => SnapshotId,
	"start-time": ({ StartTime }) => StartTime?.toISOString(),
	status: ({ State }) => State,
	"storage-tier": ({ StorageTier }) => StorageTier,
	"volume-id": ({ VolumeId }) => VolumeId,
	"volume-size": ({ VolumeSize }) => VolumeSize,
};
